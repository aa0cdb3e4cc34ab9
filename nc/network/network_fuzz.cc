// Addresses, the kept network document and the packet filter's own words. The first byte chooses.
#include "nc/network/addresses.h"
#include "nc/network/document_file.h"
#include "nc/network/edge_options.h"
#include "nc/network/foreign_rules.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora::nc;
using angophora::fuzz::require;

// Nothing but what was checked may get into a rule or a file of dnsmasq.
void fuzz_addresses(std::string_view text) {
  const auto address = parse_ipv4(text);
  require(!address || parse_ipv4(format_ipv4(*address)) == *address);
  const auto cidr = parse_cidr(text);
  require(!cidr || format_cidr(*parse_cidr(format_cidr(*cidr))) == format_cidr(*cidr));
  const auto mac = parse_mac(text);
  require(!mac || (mac->size() == 17 && parse_mac(*mac) == *mac));
  if (is_plain_id(text) || is_plain_domain(text))
    require(text.find_first_of(" ,;\"'\n\r\t{}\\/") == text.npos);
}

void fuzz_ports(std::string_view text) {
  const auto ports = parse_ports(text);
  require(ports || !ports.error().message.empty());
}

void fuzz_document(std::string_view text) {
  const auto document = document_from_json(text);
  if (!document) return;
  const auto written = document_to_json(document.value());
  const auto again = document_from_json(written);
  require(again && document_to_json(again.value()) == written);
}

void fuzz_foreign_rules(std::string_view text) { (void)foreign_forward_drops(text); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(data, size,
                          {fuzz_addresses, fuzz_ports, fuzz_document, fuzz_foreign_rules});
  return 0;
}
