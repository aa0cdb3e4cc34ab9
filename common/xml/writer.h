// Writes XML piece by piece into a string; escapes what must be, replaces what XML cannot hold.
//
//   xml::Writer w;
//   w.open("ListBucketResult").attribute("xmlns", kNamespace);
//   w.element("Name", bucket).element("MaxKeys", 1000);
//   w.close();
//   auto text = std::move(w).finish();
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace angophora::xml {

// Characters that XML 1.0 cannot hold, and broken UTF-8, become U+FFFD.
std::string escape_text(std::string_view text);
std::string escape_attribute(std::string_view text);  // for double quotes

class Writer {
 public:
  enum class Declaration { yes, no };
  explicit Writer(Declaration declaration = Declaration::yes);

  Writer& open(std::string_view name);
  // Only directly after open() or another attribute().
  Writer& attribute(std::string_view name, std::string_view value);
  Writer& text(std::string_view text);
  // Bytes that are XML already.
  Writer& raw(std::string_view xml);
  Writer& close();

  // <name>text</name>
  Writer& element(std::string_view name, std::string_view text);
  Writer& element(std::string_view name, const char* text) {
    return element(name, std::string_view(text));
  }
  Writer& element(std::string_view name, const std::string& text) {
    return element(name, std::string_view(text));
  }
  Writer& element(std::string_view name, std::same_as<bool> auto value) {
    return element(name, std::string_view(value ? "true" : "false"));
  }
  Writer& element(std::string_view name,
                  std::integral auto value) requires(!std::same_as<decltype(value), bool>) {
    return element(name, std::string_view(std::to_string(value)));
  }
  // <name/>
  Writer& empty(std::string_view name);

  // Closes what is open and hands the text over.
  std::string finish() &&;
  const std::string& so_far() const { return out_; }

 private:
  void end_tag_if_open();
  std::string out_;
  std::vector<std::string> open_;
  bool tag_open_ = false;
};

}  // namespace angophora::xml
