// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package flow is the reconcile loop that the reconcilers of all four kinds share: get the object, report that a new generation is being processed,
// run the steps in order, evaluate the conditions, write the status once, emit Events. A reconciler is a list of steps and verdicts. How errors
// become conditions, and when to reconcile again, is decided only here.
package flow
