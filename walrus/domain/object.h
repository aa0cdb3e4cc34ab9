// Buckets, objects and uploads under way, as values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "walrus/domain/acl.h"
#include "walrus/domain/blob.h"
#include "walrus/domain/checksum.h"

namespace angophora::policy {
struct NamedPolicy;
}

namespace angophora::walrus {

// Whether a bucket keeps what is overwritten and deleted. Once on it is never off again.
enum class Versioning { off, enabled, suspended };
std::string_view to_string(Versioning versioning);  // "", Enabled, Suspended
std::optional<Versioning> parse_versioning(std::string_view name);

struct Bucket {
  std::string name;
  Acl acl;
  std::string location;  // as asked for at its creation; mostly empty
  common::SysTime created{};
  Versioning versioning = Versioning::off;
  bool object_lock = false;  // its versions can be locked; versioning stays on
  // What else decides about access; filled in where that is asked.
  struct Rules {
    bool ignores_public_acls = false;
    bool is_for_account_alone = false;  // though its policy is public
    bool requester_pays = false;        // strangers must say that they would
    std::string policy;                 // JSON; "" without
    // The same, read once for all questions about the bucket; null when it does not read.
    std::shared_ptr<const angophora::policy::NamedPolicy> read_policy;
  } rules = {};
};

// A stretch of a blob. An object's bytes are its segments in order; a copy shares its blobs.
struct Segment {
  std::string blob;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  // Of a blob that was written just now and has no row yet; not kept in the database.
  std::shared_ptr<const NewBlob> fresh = nullptr;
  bool operator==(const Segment& other) const {
    return blob == other.blob && offset == other.offset && length == other.length;
  }
};

// The whole of a new blob.
inline Segment segment_of(NewBlob blob) {
  auto shared = std::make_shared<const NewBlob>(std::move(blob));
  return {shared->id, 0, shared->size_bytes, shared};
}

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

// Until when a version may not be deleted.
struct Retention {
  bool compliance = false;  // else governance, which who may can bypass
  common::SysTime until{};
  bool operator==(const Retention&) const = default;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

// The version that a write makes in a bucket without versioning, or where it is suspended.
inline constexpr std::string_view kNullVersion = "null";

// One version of an object, or a delete marker.
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
  std::string version = std::string(kNullVersion);
  std::int64_t rank = 0;         // of the versions of a key the newest has the least; below 0
  bool is_latest = true;         // no newer version of the key is there
  bool delete_marker = false;    // hides the versions below it; has no content
  common::SysTime superseded{};  // when a newer version came, if one did
  std::string storage_class;     // "" is STANDARD
  Tags tags;
  std::optional<Retention> retention;
  bool legal_hold = false;
  std::string encryption;  // how the bytes are encrypted, see encryption.h; "": they are not
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
  std::string storage_class;
  Tags tags;
  std::optional<Retention> retention;
  bool legal_hold = false;
  std::string encryption;
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
inline std::string sub_of(const Object& object) { return std::to_string(object.rank); }
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
std::string store_retention(const std::optional<Retention>& retention);
Result<std::optional<Retention>> load_retention(std::string_view text);

// The bytes [first, first + length) of `content`.
std::vector<Segment> cut(const std::vector<Segment>& content, std::uint64_t first,
                         std::uint64_t length);

}  // namespace angophora::walrus
