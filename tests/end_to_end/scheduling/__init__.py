"""Schedules, busy times, meeting types and their slots."""
