// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package feed feeds engines with the rows of a scan: Arrow batches in, in shards that are read at the same time.
package feed
