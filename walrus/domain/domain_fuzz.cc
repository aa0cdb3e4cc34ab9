// What S3 clients say in paths and headers, and what is kept of it. The first byte chooses.
#include "tests/fuzz/fuzz.h"
#include "walrus/domain/acl.h"
#include "walrus/domain/conditions.h"
#include "walrus/domain/identities.h"
#include "walrus/domain/names.h"

namespace {

using namespace angophora::walrus;
using angophora::fuzz::require;

void fuzz_target(std::string_view text) {
  const auto cut = std::min(text.find('\n'), text.size());
  const auto target = parse_target(text.substr(0, cut), text.substr(cut), "s3.example.org");
  if (!target && target.error().message.empty()) std::abort();
}

void fuzz_copy_source(std::string_view text) {
  const auto source = parse_copy_source(text);
  require(!source || !source.value().bucket.empty());
}

void fuzz_range(std::string_view text) {
  constexpr std::uint64_t kSize = 1000;
  const auto range = parse_range(text, kSize);
  if (!range || !range.value()) return;
  require(range.value()->length > 0 && range.value()->first < kSize);
  require(range.value()->length <= kSize - range.value()->first);
}

void fuzz_conditions(std::string_view text) {
  const auto cut = std::min(text.find('\n'), text.size());
  const auto left = text.substr(0, cut), right = text.substr(cut);
  (void)judge({left, right, {}, {}}, "etag", {});
  (void)judge({{}, {}, left, right}, "etag", {});
}

void fuzz_grants(std::string_view text) {
  const auto grants = parse_grant_header(text, Permission::read);
  if (!grants) return;
  for (const auto& grant : grants.value()) require(!grant.grantee.empty());
}

void fuzz_kept_acl(std::string_view text) {
  const auto acl = load_acl(text);
  if (!acl) return;
  const auto again = load_acl(store_acl(acl.value()));
  require(again && again.value() == acl.value());
}

void fuzz_kept_identities(std::string_view text) {
  const auto identities = load_identities(std::string(text));
  if (identities) require(load_identities(store_identities(identities.value())).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(data, size,
                          {fuzz_target, fuzz_copy_source, fuzz_range, fuzz_conditions, fuzz_grants,
                           fuzz_kept_acl, fuzz_kept_identities});
  return 0;
}
