// Feeds the readers of S3's XML documents whatever a fuzzer thinks of.
#include <cstdint>
#include <string_view>

#include "common/xml/reader.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora;
  static const walrus::Identities identities({});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto root = xml::read(text);
  if (!root) return 0;
  (void)walrus::parse_delete(root.assume_value());
  (void)walrus::parse_complete(root.assume_value());
  const walrus::Acl current{"owner", {}};
  const auto acl = walrus::acl_of_document(root.assume_value(), current, identities);
  if (acl && !walrus::load_acl(walrus::store_acl(acl.assume_value()))) __builtin_trap();
  return 0;
}
