// The XML documents that clients send with operations, as values. Pure; fuzzed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/xml/reader.h"
#include "walrus/domain/conditions.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

struct DeleteRequest {
  struct Item {
    std::string key;
    std::string version_id;
    DeleteConditions conditions = {};
  };
  bool quiet = false;
  std::vector<Item> items;
};
// S3Errc::malformed_xml, also for none and more than 1000 objects.
Result<DeleteRequest> parse_delete(const xml::Element& root);

struct CompleteRequest {
  struct Item {
    int number = 0;
    std::string etag;  // without quotes
    std::optional<StoredChecksum> checksum;
  };
  std::vector<Item> items;
};
// S3Errc::malformed_xml, invalid_part_order.
Result<CompleteRequest> parse_complete(const xml::Element& root);

}  // namespace angophora::walrus
