"""A stand-in for Slack, built from Slack's documents alone: it knows no app."""

from sandbox.slack.app import create_app
from sandbox.slack.config import AppSettings, SlackSandboxConfig, SlashCommand, read_manifest

__all__ = ["AppSettings", "SlackSandboxConfig", "SlashCommand", "create_app", "read_manifest"]
