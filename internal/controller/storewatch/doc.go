// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package storewatch polls the state of every store once per interval and keeps the latest responses. All reconcilers read them here, and are
// triggered by changes, so that objects are not polled individually.
package storewatch
