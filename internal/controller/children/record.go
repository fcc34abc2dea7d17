// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// key identifies a child in the cluster.
type key struct {
	kind            string
	namespace, name string
}

func keyOf(c resources.Child) key {
	return key{kind: c.GVK.GroupKind().String(), namespace: c.Namespace, name: c.Name}
}

// record is the state of a child that this process applied.
type record struct {
	// kind, parent and owner are the kind, the name and the UID of the parent.
	kind   string
	parent types.NamespacedName
	owner  types.UID
	// uid of the child.
	uid types.UID
	// desired is the hash of what was applied last.
	desired string
	// version at which the child has its desired state, and the hash of its content without the status. They are empty until the cache has shown that version.
	version, content string
	// checked is the time at which it was last read from the API server or written.
	checked time.Time
}

// records is safe for concurrent use. One parent is never reconciled concurrently.
type records struct {
	mu sync.Mutex
	m  map[key]record
}

func (r *records) get(k key) (record, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec, ok := r.m[k]
	return rec, ok
}

func (r *records) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.m)
}

func (r *records) put(k key, rec record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m[k] = rec
}

func (r *records) drop(k key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.m, k)
}

func (r *records) dropIf(match func(record) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, rec := range r.m {
		if match(rec) {
			delete(r.m, k)
		}
	}
}

// hash returns a short hash of the JSON form of a value.
func hash(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12]), nil
}

// contentOf returns a hash of the parts of a live object that can drift: everything except its status and the API server's own fields.
func contentOf(obj client.Object) (string, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return "", fmt.Errorf("convert %s: %w", obj.GetName(), err)
	}
	for _, f := range []string{"apiVersion", "kind", "status"} {
		delete(fields, f)
	}
	for _, f := range []string{"resourceVersion", "managedFields", "generation", "creationTimestamp"} {
		unstructured.RemoveNestedField(fields, "metadata", f)
	}
	return hash(fields)
}

// older reports whether a version of an object is older than another. A version that is not a number is never older.
func older(a, b string) bool {
	x, errX := strconv.ParseUint(a, 10, 64)
	y, errY := strconv.ParseUint(b, 10, 64)
	return errX == nil && errY == nil && x < y
}
