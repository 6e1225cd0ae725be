"""What a person types and reads: options, help, errors, exit statuses."""
