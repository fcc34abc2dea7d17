// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package status holds what the operator says about an object: which conditions a kind has, as data; the three conditions of
// kstatus, which are set together so that they cannot contradict each other; and the one way to write them.
// Nothing here decides anything about journeys: verdicts come from the reconcilers' pure functions.
package status
