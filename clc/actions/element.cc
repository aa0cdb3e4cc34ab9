#include "clc/actions/element.h"

namespace angophora::clc {

Element& Element::add(Element child) {
  children_.push_back(std::move(child));
  return *this;
}

Element& Element::add(std::string name, std::string_view text) {
  children_.emplace_back(std::move(name), std::string(text));
  return *this;
}

Element& Element::child(std::string name) { return children_.emplace_back(std::move(name)); }

std::optional<std::string> Element::find(std::string_view path) const {
  const auto found = all(path);
  if (found.empty()) return std::nullopt;
  return found.front()->text();
}

std::vector<const Element*> Element::all(std::string_view path) const {
  const auto slash = path.find('/');
  const auto head = path.substr(0, slash);
  std::vector<const Element*> found;
  for (const auto& child : children_) {
    if (child.name_ != head) continue;
    if (slash == std::string_view::npos) {
      found.push_back(&child);
      continue;
    }
    const auto below = child.all(path.substr(slash + 1));
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

Reply reply_true() {
  Reply reply;
  reply.add("return", true);
  return reply;
}

}  // namespace angophora::clc
