#include "common/audit/chain.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace angophora::audit {
namespace {

constexpr std::string_view kNumber = R"(,"integrity":{"sequence":)";
constexpr std::string_view kMac = R"(,"mac":")";
constexpr std::string_view kEnd = R"("}})";
constexpr std::size_t kMacDigits = 64;
constexpr std::string_view kPrefix = "audit-", kSuffix = ".jsonl";
constexpr std::size_t kFileDigits = 10;

std::string mac_of(std::string_view key, std::string_view what, std::string_view before) {
  std::string bytes(what);
  bytes.append("\n").append(before);
  return common::hex_encode(crypto::hmac_sha256(key, bytes));
}

bool is_mac(std::string_view text) {
  return text.size() == kMacDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string shown(const std::string& mac) { return mac.empty() ? "-" : mac; }

std::string head_text(const Head& head) {
  return "angophora-audit-1 " + std::to_string(head.first_file) + " " +
         std::to_string(head.before_first.sequence) + " " + shown(head.before_first.mac) + " " +
         std::to_string(head.file) + " " + std::to_string(head.last.sequence) + " " +
         shown(head.last.mac);
}

std::optional<Link> read_link(std::string_view sequence, std::string_view mac) {
  const auto number = common::parse_number<std::uint64_t>(sequence);
  if (!number || (mac != "-" && !is_mac(mac))) return std::nullopt;
  return Link{*number, mac == "-" ? std::string() : std::string(mac)};
}

}  // namespace

std::string chain_line(std::string_view key, std::string_view record, Link& link) {
  std::string line(record.substr(0, record.size() - 1));  // without its closing brace
  link.sequence += 1;
  line.append(kNumber).append(std::to_string(link.sequence));
  link.mac = mac_of(key, line, link.mac);
  return line.append(kMac).append(link.mac).append(kEnd);
}

std::optional<Link> link_of(std::string_view line) {
  const auto tail = kMac.size() + kMacDigits + kEnd.size();
  if (line.size() < tail || !line.ends_with(kEnd)) return std::nullopt;
  const auto body = line.substr(0, line.size() - tail);
  const auto mac = line.substr(body.size() + kMac.size(), kMacDigits);
  const auto at = body.rfind(kNumber);
  if (!line.substr(body.size()).starts_with(kMac) || !is_mac(mac) || at == std::string_view::npos)
    return std::nullopt;
  return read_link(body.substr(at + kNumber.size()), mac);
}

bool follows(std::string_view key, std::string_view line, const Link& before) {
  const auto link = link_of(line);
  if (!link || link->sequence != before.sequence + 1) return false;
  const auto body = line.substr(0, line.size() - kMac.size() - kMacDigits - kEnd.size());
  return mac_of(key, body, before.mac) == link->mac;
}

std::string write_head(std::string_view key, const Head& head) {
  auto text = head_text(head);
  text += " " + mac_of(key, text, "head");
  text.resize(kHeadBytes - 1, ' ');
  return text + "\n";
}

std::optional<Head> read_head(std::string_view key, std::string_view text) {
  if (text.size() != kHeadBytes) return std::nullopt;
  const auto words = common::split(common::trim(text.substr(0, kHeadBytes - 1)), ' ');
  constexpr std::size_t kWords = 8;
  if (words.size() != kWords) return std::nullopt;
  const auto first_file = common::parse_number<std::uint64_t>(words[1]);
  const auto file = common::parse_number<std::uint64_t>(words[4]);
  auto before = read_link(words[2], words[3]);
  auto last = read_link(words[5], words[6]);
  if (!first_file || !file || !before || !last) return std::nullopt;
  Head head{*first_file, std::move(*before), *file, std::move(*last)};
  if (write_head(key, head) != text) return std::nullopt;
  return head;
}

std::string file_name(std::uint64_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, kFileDigits - std::min(kFileDigits, digits.size()), '0');
  return std::string(kPrefix) + digits + std::string(kSuffix);
}

std::optional<std::uint64_t> file_number(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(std::min(kSuffix.size(), name.size()));
  const auto number = common::parse_number<std::uint64_t>(name);
  if (!number || file_name(*number).size() != kPrefix.size() + name.size() + kSuffix.size())
    return std::nullopt;
  return number;
}

}  // namespace angophora::audit
