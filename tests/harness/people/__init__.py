"""Users, their browsers, and the apps that act for them."""
