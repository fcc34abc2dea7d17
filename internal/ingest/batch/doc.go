// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package batch joins the events of many requests into appends: a group commit. It depends on stores and events, but not on HTTP.
package batch
