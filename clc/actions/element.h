// The answer of an action as a small tree of named elements; the front door renders it in the
// envelope of its protocol.
//
//   Reply reply;
//   reply.add("keyName", key.name).add("createTime", key.created_at);
//   reply.list("keySet", keys, [](const KeyPair& key, Element& item) { item.add(...); });
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"

namespace angophora::clc {

class Element {
 public:
  Element() = default;
  explicit Element(std::string name, std::string text = {})
      : name_(std::move(name)), text_(std::move(text)) {}

  // Appends a child. An empty optional appends nothing.
  Element& add(Element child);
  Element& add(std::string name, std::string_view text);
  Element& add(std::string name, const std::string& text) {
    return add(std::move(name), std::string_view(text));
  }
  Element& add(std::string name, const char* text) {
    return add(std::move(name), std::string_view(text));
  }
  Element& add(std::string name, bool value) {
    return add(std::move(name), value ? "true" : "false");
  }
  template <class Number>
  requires(std::is_integral_v<Number> &&
           !std::is_same_v<Number, bool>) Element& add(std::string name, Number value) {
    return add(std::move(name), std::to_string(value));
  }
  Element& add(std::string name, common::SysTime time) {
    return add(std::move(name), common::format_iso8601(time));
  }
  template <class T>
  requires requires(const T& t) { std::string(t.value); }
  Element& add(std::string name, const T& id) {
    return add(std::move(name), std::string_view(id.value));
  }
  template <class T>
  Element& add(std::string name, const std::optional<T>& value) {
    return value ? add(std::move(name), *value) : *this;
  }
  // Appends an empty child and returns it, to be filled.
  Element& child(std::string name);

  // Appends NAME with one <item> for each of `range`, filled by `fill(row, item)`.
  template <class Range, class Fill>
  Element& list(std::string name, const Range& range, Fill fill,
                std::string_view item_name = "item") {
    Element& parent = child(std::move(name));
    for (const auto& row : range) fill(row, parent.child(std::string(item_name)));
    return *this;
  }

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const std::vector<Element>& children() const { return children_; }

  // The text at a path of names, e.g. "keySet/item/keyName"; the first of several.
  std::optional<std::string> find(std::string_view path) const;
  // All elements at a path.
  std::vector<const Element*> all(std::string_view path) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<Element> children_;
};

// Without a name of its own: its children are the answer.
using Reply = Element;

// <return>true</return>, which older clients read.
Reply reply_true();

}  // namespace angophora::clc
