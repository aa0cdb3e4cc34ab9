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
};

}  // namespace angophora::walrus
