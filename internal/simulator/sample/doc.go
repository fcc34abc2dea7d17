// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sample holds a file of events for the sources of config/samples, and what the sample map and report have to show for it. The
// file is data, not the draw of a generator: its numbers can be counted by hand. Times in it are minutes before now.
package sample
