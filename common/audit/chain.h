// How the lines of an audit log hang together: each line ends with its number and a keyed digest of
// itself and of the digest before it, so that no byte can be changed, removed or moved without the
// key. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angophora::audit {

// What the next line hangs on.
struct Link {
  std::uint64_t sequence = 0;  // of the line; 0: there is none yet
  std::string mac;             // 64 hex digits; "" before the first
  bool operator==(const Link&) const = default;
};

// `record` (a JSON object) as the line that follows `before`, without its end of line; `link`
// becomes its own.
std::string chain_line(std::string_view key, std::string_view record, Link& link);

// What a line says of itself; nothing when it has not the shape of one.
std::optional<Link> link_of(std::string_view line);
// Whether it is what chain_line() made after `before`, to the byte.
bool follows(std::string_view key, std::string_view line, const Link& before);

// Where a log begins and how far it had come, beside it in the file `head`: the end of a log could
// be cut off unseen otherwise.
struct Head {
  std::uint64_t first_file = 1;
  Link before_first;  // the line before the first that is kept
  std::uint64_t file = 1;
  Link last;
  bool operator==(const Head&) const = default;
};
inline constexpr std::size_t kHeadBytes = 512;
// kHeadBytes of text.
std::string write_head(std::string_view key, const Head& head);
// Nothing unless write_head() made it with this key.
std::optional<Head> read_head(std::string_view key, std::string_view text);

// audit-0000000012.jsonl
std::string file_name(std::uint64_t number);
std::optional<std::uint64_t> file_number(std::string_view name);

}  // namespace angophora::audit
