// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package status holds the conditions of each kind, as tables; the three conditions of kstatus, which are set together so that they cannot contradict
// each other; and the only function that writes them. Nothing here evaluates journeys: verdicts come from pure functions of the reconcilers.
package status
