#include "common/xml/writer.h"

#include <cstdint>

namespace angophora::xml {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the well-formed UTF-8 character at the start of `text` that XML can hold, or 0.
std::size_t good_character(std::string_view text) {
  const auto at = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  std::size_t size = 0;
  std::uint32_t value = 0, least = 0;
  if (lead < 0x80) return (lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r') ? 1 : 0;
  if (lead >= 0xC2 && lead <= 0xDF) size = 2, value = lead & 0x1F, least = 0x80;
  if (lead >= 0xE0 && lead <= 0xEF) size = 3, value = lead & 0x0F, least = 0x800;
  if (lead >= 0xF0 && lead <= 0xF4) size = 4, value = lead & 0x07, least = 0x10000;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
    value = value << 6 | (at(i) & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least || value > 0x10FFFF || surrogate || value == 0xFFFE || value == 0xFFFF)
    return 0;
  return size;
}

// The escape of `c`, or "" when it may stand as it is.
std::string_view escape_of(char c, bool in_attribute) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':  // would be read back as a line feed
      return "&#13;";
    case '"':
      return in_attribute ? "&quot;" : "";
    case '\n':
      return in_attribute ? "&#10;" : "";
    case '\t':
      return in_attribute ? "&#9;" : "";
    default:
      return "";
  }
}

void append_escaped(std::string& out, std::string_view text, bool in_attribute) {
  while (!text.empty()) {
    const std::size_t size = good_character(text);
    const auto escape = size == 1 ? escape_of(text[0], in_attribute) : std::string_view();
    if (size == 0)
      out += kReplacement;
    else if (!escape.empty())
      out += escape;
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

}  // namespace

std::string escape_text(std::string_view text) {
  std::string out;
  append_escaped(out, text, false);
  return out;
}

std::string escape_attribute(std::string_view text) {
  std::string out;
  append_escaped(out, text, true);
  return out;
}

Writer::Writer(Declaration declaration) {
  if (declaration == Declaration::yes) out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
}

void Writer::end_tag_if_open() {
  if (tag_open_) out_ += '>';
  tag_open_ = false;
}

Writer& Writer::open(std::string_view name) {
  end_tag_if_open();
  out_ += '<';
  out_ += name;
  open_.emplace_back(name);
  tag_open_ = true;
  return *this;
}

Writer& Writer::attribute(std::string_view name, std::string_view value) {
  if (!tag_open_) return *this;
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_escaped(out_, value, true);
  out_ += '"';
  return *this;
}

Writer& Writer::text(std::string_view text) {
  end_tag_if_open();
  append_escaped(out_, text, false);
  return *this;
}

Writer& Writer::raw(std::string_view xml) {
  end_tag_if_open();
  out_ += xml;
  return *this;
}

Writer& Writer::close() {
  if (open_.empty()) return *this;
  if (tag_open_) {
    out_ += "/>";
    tag_open_ = false;
  } else {
    out_ += "</";
    out_ += open_.back();
    out_ += '>';
  }
  open_.pop_back();
  return *this;
}

Writer& Writer::element(std::string_view name, std::string_view text_inside) {
  end_tag_if_open();
  out_ += '<';
  out_ += name;
  out_ += '>';
  append_escaped(out_, text_inside, false);
  out_ += "</";
  out_ += name;
  out_ += '>';
  return *this;
}

Writer& Writer::empty(std::string_view name) { return open(name).close(); }

std::string Writer::finish() && {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace angophora::xml
