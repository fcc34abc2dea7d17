// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Version of the protocol between the client and the pod. The pod sends Hello, then the client Begin, the records and an end, and the pod answers with the
// progress, and with the result or an error. Each message is a line of JSON.
const Version = 1

// Hello is the first message of the pod: what the client needs to read the file.
type Hello struct {
	Version int `json:"version"`
	// Source and Store are the names of the objects.
	Source string `json:"source"`
	Store  string `json:"store"`
	// Files are the settings of the source for files, completed by its preset.
	Files *v1alpha1.FilesTransport `json:"files"`
}

// Begin is the first message of the client.
type Begin struct {
	Version int `json:"version"`
	// File, Import and DryRun are those of Options.
	File   string `json:"file"`
	Import string `json:"import"`
	DryRun bool   `json:"dryRun,omitempty"`
}

// FromClient is a further message of the client: exactly one field is set. A message without the fields below is a record.
type FromClient struct {
	// Header has the further rows of the header for the records that follow.
	Header json.RawMessage `json:"header,omitempty"`
	// End is set after the last record. If the connection ends without it, the records that wait are not stored.
	End bool `json:"end,omitempty"`
}

// FromPod is a further message of the pod: exactly one field is set.
type FromPod struct {
	// Progress after an append, without the lists of a result.
	Progress *Result `json:"progress,omitempty"`
	// Waiting is why the store does not accept records at the moment.
	Waiting string `json:"waiting,omitempty"`
	// Done is the result of the whole file, and Failed that of the part that was stored before Error.
	Done   *Result `json:"done,omitempty"`
	Failed *Result `json:"failed,omitempty"`
	Error  string  `json:"error,omitempty"`
}
