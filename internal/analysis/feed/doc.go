// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package feed passes the rows of a scan to engines: it reads Arrow batches, in shards that are read concurrently.
package feed
