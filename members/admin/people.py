"""The register of members."""
