// Buckets, objects and uploads under way, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "walrus/domain/acl.h"
#include "walrus/domain/checksum.h"

namespace angophora::walrus {

struct Bucket {
  std::string name;
  Acl acl;
  std::string location;  // as asked for at its creation; mostly empty
  common::SysTime created{};
};

// A stretch of a blob. An object's bytes are its segments in order; a copy shares its blobs.
struct Segment {
  std::string blob;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Segment&) const = default;
};

// What the client sent along and gets back: names in lower case.
using StoredHeaders = std::vector<std::pair<std::string, std::string>>;

struct StoredChecksum {
  ChecksumKind kind = ChecksumKind::crc32;
  bool composite = false;  // a checksum of the parts' checksums
  std::string value;       // base64, of a composite one with "-N" behind it
  bool operator==(const StoredChecksum&) const = default;
};

struct ObjectPart {
  std::uint64_t size_bytes = 0;
  int number = 0;
  std::string checksum = {};  // base64, of the kind of the object's checksum; empty without one
  bool operator==(const ObjectPart&) const = default;
};

struct Object {
  std::string bucket;
  std::string key;
  std::string etag;  // without quotes
  std::uint64_t size_bytes = 0;
  common::SysTime changed{};
  Acl acl;
  StoredHeaders headers;
  std::vector<Segment> content;
  std::vector<ObjectPart> parts;  // empty unless it was uploaded in parts
  std::optional<StoredChecksum> checksum;
  std::string upload;  // the id of the upload that it was completed from
};

struct Upload {
  std::string id;
  std::string bucket;
  std::string key;
  common::SysTime begun{};
  std::string initiator;  // canonical id
  Acl acl;                // of the object to be
  StoredHeaders headers;
  std::optional<ChecksumKind> checksum_kind;
  bool checksum_composite = true;
};

struct Part {
  int number = 0;
  std::string etag;
  std::uint64_t size_bytes = 0;
  common::SysTime changed{};
  std::vector<Segment> content;
  std::optional<StoredChecksum> checksum;
};

// For list_page().
inline std::string sub_of(const Object&) { return {}; }
inline std::string sub_of(const Upload& upload) { return upload.id; }

// As kept in the database.
std::string store_headers(const StoredHeaders& headers);
StoredHeaders load_headers(std::string_view text);
std::string store_segments(const std::vector<Segment>& segments);
Result<std::vector<Segment>> load_segments(std::string_view text);
std::string store_parts(const std::vector<ObjectPart>& parts);
Result<std::vector<ObjectPart>> load_parts(std::string_view text);
std::string store_checksum(const std::optional<StoredChecksum>& checksum);
Result<std::optional<StoredChecksum>> load_checksum(std::string_view text);

// The bytes [first, first + length) of `content`.
std::vector<Segment> cut(const std::vector<Segment>& content, std::uint64_t first,
                         std::uint64_t length);

}  // namespace angophora::walrus
