// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package crd holds the CustomResourceDefinitions, for programs that check manifests without a cluster.
package crd

import "embed"

// Bases are the CRDs, one YAML file each, below bases/.
//
//go:embed bases/*.yaml
var Bases embed.FS
