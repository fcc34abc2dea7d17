// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pipeline makes finished events of the documents of a request: it maps, checks, cleans and hashes them as one state of the files says.
package pipeline
