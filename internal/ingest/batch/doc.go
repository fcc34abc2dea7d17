// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package batch joins the events of many requests into appends: a group commit. It knows stores and events, and nothing of HTTP.
package batch
