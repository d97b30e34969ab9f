"""Ratchet's engine: BPMN processes whose SQL commits together with them. It knows no Flask."""
