"""What is added to the demonstration tenant once its contacts and deals are there."""
