// The tables of Walrus.
#pragma once

#include "common/db/database.h"

namespace angophora::walrus {

// Append only: never edit or reorder a migration that has been released.
// Keys are blobs, so that every database orders them by their bytes as S3 lists them.
inline constexpr db::Migration kMigrations[] = {
    {1, "buckets",
     "CREATE TABLE buckets (name {text} PRIMARY KEY, owner {text} NOT NULL, acl {text} NOT NULL, "
     "location {text} NOT NULL, created_ms {i64} NOT NULL)"},
    {2, "find buckets by owner", "CREATE INDEX buckets_by_owner ON buckets(owner, name)"},
    {3, "blobs, counted by what refers to them",
     "CREATE TABLE blobs (id {text} PRIMARY KEY, size_bytes {i64} NOT NULL, refs {i64} NOT NULL)"},
    {4, "objects",
     "CREATE TABLE objects (bucket {text} NOT NULL REFERENCES buckets(name), key {blob} NOT NULL, "
     "etag {text} NOT NULL, size_bytes {i64} NOT NULL, changed_ms {i64} NOT NULL, "
     "acl {text} NOT NULL, headers {text} NOT NULL, content {text} NOT NULL, "
     "parts {text} NOT NULL, checksum {text} NOT NULL, PRIMARY KEY (bucket, key))"},
    {5, "uploads under way",
     "CREATE TABLE uploads (bucket {text} NOT NULL REFERENCES buckets(name), key {blob} NOT NULL, "
     "id {text} NOT NULL, begun_ms {i64} NOT NULL, initiator {text} NOT NULL, acl {text} NOT NULL, "
     "headers {text} NOT NULL, checksum_kind {text} NOT NULL, composite {i64} NOT NULL, "
     "PRIMARY KEY (bucket, key, id))"},
    {6, "parts of uploads",
     "CREATE TABLE parts (upload {text} NOT NULL, number {i64} NOT NULL, etag {text} NOT NULL, "
     "size_bytes {i64} NOT NULL, changed_ms {i64} NOT NULL, content {text} NOT NULL, "
     "checksum {text} NOT NULL, PRIMARY KEY (upload, number))"},
    {7, "images that the cloud admitted",
     "CREATE TABLE images (id {text} PRIMARY KEY, account {text} NOT NULL, bucket {text} NOT NULL, "
     "admitted_ms {i64} NOT NULL)"},
    {8, "their parts, pinned by etag",
     "CREATE TABLE image_parts (image {text} NOT NULL REFERENCES images(id), number {i64} NOT "
     "NULL, "
     "key {blob} NOT NULL, etag {text} NOT NULL, size_bytes {i64} NOT NULL, "
     "PRIMARY KEY (image, number))"},
    {9, "the cloud's identities as last received",
     "CREATE TABLE identities (id {i64} PRIMARY KEY, version {i64} NOT NULL, "
     "checked_ms {i64} NOT NULL, document {text} NOT NULL)"},
    {10, "the upload that an object was completed from",
     "ALTER TABLE objects ADD COLUMN upload {text} NOT NULL DEFAULT ''"},
    // The copy that was one document is asked for anew.
    {11, "identities row by row",
     "DROP TABLE identities; "
     "CREATE TABLE identities (id {i64} PRIMARY KEY, version {i64} NOT NULL, "
     "checked_ms {i64} NOT NULL, is_complete {i64} NOT NULL); "
     "CREATE TABLE identity_accounts (account_id {text} PRIMARY KEY, name {text} NOT NULL, "
     "canonical_id {text} NOT NULL); "
     "CREATE TABLE identity_users (user_id {text} PRIMARY KEY, account_id {text} NOT NULL, "
     "name {text} NOT NULL, arn {text} NOT NULL, is_root {i64} NOT NULL); "
     "CREATE TABLE identity_keys (access_key_id {text} PRIMARY KEY, user_id {text} NOT NULL, "
     "sealed_secret {blob} NOT NULL, active {i64} NOT NULL)"},
    {12, "chunks of snapshots by their names, counted by what refers to them",
     "CREATE TABLE chunks (name {blob} PRIMARY KEY, blob {text} NOT NULL, "
     "size_bytes {i64} NOT NULL, refs {i64} NOT NULL, touched_ms {i64} NOT NULL); "
     "CREATE INDEX chunks_by_use ON chunks(refs, touched_ms)"},
    {13, "maps of snapshots, their entries, and who still needs one",
     "CREATE TABLE maps (id {text} PRIMARY KEY, volume_bytes {i64} NOT NULL, state {text} NOT "
     "NULL); "
     "CREATE TABLE map_entries (map {text} NOT NULL, number {i64} NOT NULL, "
     "chunk {blob} NOT NULL, PRIMARY KEY (map, number)); "
     "CREATE TABLE map_holders (map {text} NOT NULL, holder {text} NOT NULL, "
     "PRIMARY KEY (map, holder))"},
    // The copy that knew of no policies is asked for anew.
    {14, "what users may do: policies, groups and who is in them",
     "DELETE FROM identities; DELETE FROM identity_accounts; DELETE FROM identity_users; "
     "DELETE FROM identity_keys; "
     "CREATE TABLE identity_groups (group_id {text} PRIMARY KEY, name {text} NOT NULL); "
     "CREATE TABLE identity_members (user_id {text} NOT NULL, group_id {text} NOT NULL, "
     "PRIMARY KEY (user_id, group_id)); "
     "CREATE TABLE identity_policies (policy_id {text} PRIMARY KEY, name {text} NOT NULL, "
     "document {text} NOT NULL); "
     "CREATE TABLE identity_own_policies (entity_id {text} NOT NULL, name {text} NOT NULL, "
     "document {text} NOT NULL, PRIMARY KEY (entity_id, name)); "
     "CREATE TABLE identity_attachments (entity_id {text} NOT NULL, policy_id {text} NOT NULL, "
     "PRIMARY KEY (entity_id, policy_id))"},
    // The newest version of a key has the least rank, so that an index in rising order lists keys
    // as S3 does. `current` is 1 for what a plain listing shows, 2 for a delete marker that is the
    // newest of its key, 0 for what is older.
    {15, "versions of objects",
     "CREATE TABLE versions (bucket {text} NOT NULL REFERENCES buckets(name), key {blob} NOT NULL, "
     "rank {i64} NOT NULL, version {text} NOT NULL, current {i64} NOT NULL, marker {i64} NOT NULL, "
     "etag {text} NOT NULL, size_bytes {i64} NOT NULL, changed_ms {i64} NOT NULL, "
     "superseded_ms {i64} NOT NULL, acl {text} NOT NULL, headers {text} NOT NULL, "
     "content {text} NOT NULL, parts {text} NOT NULL, checksum {text} NOT NULL, "
     "upload {text} NOT NULL, storage_class {text} NOT NULL, tags {text} NOT NULL, "
     "retention {text} NOT NULL, legal_hold {i64} NOT NULL, encryption {text} NOT NULL, "
     "PRIMARY KEY (bucket, key, rank)); "
     "CREATE INDEX versions_by_id ON versions(bucket, key, version); "
     "CREATE INDEX versions_listed ON versions(bucket, current, key); "
     "INSERT INTO versions SELECT bucket, key, -1, 'null', 1, 0, etag, size_bytes, changed_ms, 0, "
     "acl, headers, content, parts, checksum, upload, '', '', '', 0, '' FROM objects; "
     "DROP TABLE objects"},
    {16, "versioning, and what else is set on a bucket",
     "ALTER TABLE buckets ADD COLUMN versioning {text} NOT NULL DEFAULT ''; "
     "ALTER TABLE buckets ADD COLUMN object_lock {i64} NOT NULL DEFAULT 0; "
     "CREATE TABLE bucket_settings (bucket {text} NOT NULL REFERENCES buckets(name), "
     "name {text} NOT NULL, document {text} NOT NULL, changed_ms {i64} NOT NULL, "
     "PRIMARY KEY (bucket, name)); "
     "CREATE INDEX bucket_settings_by_name ON bucket_settings(name, bucket)"},
    {17, "what uploads hand on to the object",
     "ALTER TABLE uploads ADD COLUMN storage_class {text} NOT NULL DEFAULT ''; "
     "ALTER TABLE uploads ADD COLUMN tags {text} NOT NULL DEFAULT ''; "
     "ALTER TABLE uploads ADD COLUMN retention {text} NOT NULL DEFAULT ''; "
     "ALTER TABLE uploads ADD COLUMN legal_hold {i64} NOT NULL DEFAULT 0; "
     "ALTER TABLE uploads ADD COLUMN encryption {text} NOT NULL DEFAULT ''"},
    // A blob in a shared file is a stretch of it, and the CRC32C is of the blob's own bytes; -1:
    // not known yet.
    {18, "where blobs lie, and what they must read as",
     "ALTER TABLE blobs ADD COLUMN file {text} NOT NULL DEFAULT ''; "
     "ALTER TABLE blobs ADD COLUMN file_offset {i64} NOT NULL DEFAULT 0; "
     "ALTER TABLE blobs ADD COLUMN crc32c {i64} NOT NULL DEFAULT -1; "
     "ALTER TABLE blobs ADD COLUMN checked_ms {i64} NOT NULL DEFAULT 0"},
    // Asked for anew again.
    {19, "roles, what opens the tokens of sessions, and users who are switched off",
     "DELETE FROM identities; "
     "CREATE TABLE identity_roles (role_id {text} PRIMARY KEY, account_id {text} NOT NULL, "
     "arn {text} NOT NULL); "
     "CREATE TABLE identity_token_keys (key_id {text} PRIMARY KEY, sealed {blob} NOT NULL); "
     "ALTER TABLE identity_users ADD COLUMN is_enabled {i64} NOT NULL DEFAULT 1"},
    // blobs.file names the pack. Dead are the bytes of blobs that were in it and have no row now.
    {20, "packs of small blobs",
     "CREATE TABLE packs (name {text} PRIMARY KEY, dead_bytes {i64} NOT NULL); "
     "CREATE INDEX blobs_by_pack ON blobs(file, file_offset) WHERE file <> ''"},
    {21, "how far the scrubber has come, and what it found",
     "CREATE TABLE scrubs (id {i64} PRIMARY KEY, under_way {i64} NOT NULL, "
     "begun_ms {i64} NOT NULL, pack {text} NOT NULL, file_offset {i64} NOT NULL, "
     "blob {text} NOT NULL, blobs {i64} NOT NULL, bytes {i64} NOT NULL); "
     "CREATE TABLE damaged_blobs (blob {text} PRIMARY KEY, found_ms {i64} NOT NULL, "
     "reason {text} NOT NULL)"},
    // Without delete markers.
    {22, "how much lies in each bucket",
     "CREATE TABLE bucket_usage (bucket {text} PRIMARY KEY, objects {i64} NOT NULL, "
     "bytes {i64} NOT NULL); "
     "INSERT INTO bucket_usage SELECT bucket, COUNT(*), SUM(size_bytes) FROM versions "
     "WHERE marker=0 GROUP BY bucket"},
};

}  // namespace angophora::walrus
