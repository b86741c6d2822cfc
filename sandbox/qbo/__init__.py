"""A stand-in for QuickBooks Online, built from Intuit's documents and recorded answers alone."""

from sandbox.qbo.app import create_app
from sandbox.qbo.config import QboSandboxConfig, TokenMode, WebhookFormat
from sandbox.qbo.state import QboSandbox

__all__ = ["QboSandbox", "QboSandboxConfig", "TokenMode", "WebhookFormat", "create_app"]
