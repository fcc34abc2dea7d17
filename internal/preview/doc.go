// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package preview computes what the operator would write into the status of maps and reports, without a cluster: manifests from
// files, events from files, a store in a temporary folder, and the analysis job's own code.
package preview
