# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test ground: a real Kubernetes, registry, PostgreSQL, Prometheus and OIDC provider, with Ampora's double on top."""
