"""Schedules, busy times and meeting types: their rules, and the slots they leave."""
