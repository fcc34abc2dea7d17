// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package flow is the skeleton that the reconcilers of all four kinds share: get the object, say that a new generation is being
// worked on, run the steps in order, evaluate health and business facts, write the status once, record what changed. A
// reconciler is a list of steps and verdicts; how errors become conditions and when to look again is decided here alone.
package flow
