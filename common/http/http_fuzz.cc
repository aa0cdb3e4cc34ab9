// Everything that takes bytes from strangers before a handler sees them. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/http/chunked.h"
#include "common/http/client.h"
#include "common/http/head.h"

namespace {

using namespace angophora::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void fuzz_query(std::string_view text) {
  const auto parameters = parse_query(text, true, 100);
  require(!parameters || parameters->size() <= 100);
}

void fuzz_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return;
  require(!url.value().host.empty() && url.value().port != 0);
  require(url.value().target.starts_with('/'));
}

void fuzz_request_head(std::string_view text) {
  const auto result = parse_request_head(text);
  const auto* head = std::get_if<Head>(&result);
  if (!head) return;
  require(!(head->chunked && head->content_length));
  require(head->headers.all("Content-Length").size() <= 1);
  require(head->headers.all("Host").size() <= 1);
  for (const auto& [name, value] : head->headers) require(is_valid_field(name, value));
}

void fuzz_response_head(std::string_view text) {
  const auto result = parse_response_head(text);
  const auto* head = std::get_if<Head>(&result);
  if (head) require(!(head->chunked && head->content_length));
}

// What comes out must not depend on how the bytes arrive.
std::string decode(std::string_view encoded, std::size_t step, bool& good) {
  ChunkDecoder decoder;
  std::string data, into(7, '\0');
  good = true;
  while (!encoded.empty() && !decoder.done()) {
    const auto result = decoder.decode(encoded.substr(0, step), into);
    if (!result) {
      good = false;
      return data;
    }
    data.append(into, 0, result.value().produced);
    encoded.remove_prefix(result.value().consumed);
  }
  return data;
}

void fuzz_chunks(std::string_view text) {
  bool whole_good = false, bytewise_good = false;
  const auto whole = decode(text, text.size(), whole_good);
  const auto bytewise = decode(text, 1, bytewise_good);
  require(whole_good == bytewise_good);
  require(!whole_good || whole == bytewise);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      fuzz_query(text);
      break;
    case 1:
      fuzz_url(text);
      break;
    case 2:
      fuzz_request_head(text);
      break;
    case 3:
      fuzz_response_head(text);
      break;
    default:
      fuzz_chunks(text);
  }
  return 0;
}
