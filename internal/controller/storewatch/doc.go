// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package storewatch asks every store for its state once per interval and keeps the newest answers. All reconcilers
// read them here and are woken when something moved, so that no object is ever polled on its own.
package storewatch
