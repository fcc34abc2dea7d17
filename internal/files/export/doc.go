// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package export turns exported files into documents for mapping rules: members of archives, records of several rows, JSON in cells, and an id for each
// record that has none. The records of a file, and their ids, are the same whatever its name and compression.
package export
