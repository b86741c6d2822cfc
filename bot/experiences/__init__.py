"""One file per thing people do in Slack: the listeners, each a few lines over an orchestrator."""
