"""What happens later: retries, external work; later timers and schedules."""
