"""One instance: its tokens, scopes, work, history and incidents."""
