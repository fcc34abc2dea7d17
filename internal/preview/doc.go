// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package preview computes what the operator would write to the status of maps and reports, without a cluster: with manifests and events from files,
// a store in a temporary folder, and the code of the analysis job.
package preview
