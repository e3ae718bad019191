"""Templates that would take long, much memory, or what is not theirs."""

# 32768 characters in a few assignments.
_LONG = "{% assign a = 'x' %}" + "{% assign a = a | append: a %}" * 15
_LIST = "{% assign a = 'x,' %}" + "{% assign a = a | append: a %}" * 9
_THOUSAND = "{% for i in (1..1000) %}"
_END = "{% endfor %}"
_COMPARED = "{% if " + "1 == 2 or " * 80 + "1 == 2 %}{% endif %}"

HOSTILE = {
    "nested loops": _THOUSAND * 3 + "x" + _END * 3,
    "empty loops": _THOUSAND * 2 + _END * 2,
    "loops in a row": (_THOUSAND + _END) * 200,
    "conditions in a loop": f"{_THOUSAND}{'{% if true %}{% endif %}' * 200}{_END}",
    "long conditions": f"{_THOUSAND}{_COMPARED * 30}{_END}",
    "cases": _THOUSAND
    + "{% case 1 %}"
    + "{% when 2 %}a" * 480
    + "{% endcase %}"
    + _END,
    "elsifs": _THOUSAND
    + "{% if false %}"
    + "{% elsif false %}" * 480
    + "{% endif %}"
    + _END,
    "literals": _THOUSAND + ("{{ 'a' " + "| size" * 120 + " }}") * 30 + _END,
    "a huge range": "{% for i in (1..1000000000) %}{% endfor %}",
    "a reversed one": "{% for i in (1..1000000000) reversed %}{% endfor %}",
    "a far offset": "{% for i in (1..1000000000) offset: 99999990 %}{% endfor %}",
    "a limited one": "{% for i in (1..1000000000) limit: 5 %}{{ i }}{% endfor %}",
    "a searched one": "{% if (1..1000000000) contains 'a' %}{% endif %}",
    "a joined one": "{% assign a = (1..100000000) %}{{ a | join }}",
    "a range by fields": "{% for i in (n..m) %}{% endfor %}",
    "texts that double": _LONG + "{% assign a = a | append: a %}" * 20,
    "captures that double": _THOUSAND
    + "{% capture x %}{{ x }}{{ x }}a{% endcapture %}"
    + _END,
    "captures": _THOUSAND
    + "{% capture x %}"
    + "y" * 60_000
    + "{% endcapture %}"
    + _END,
    "many variables": _LONG + "".join(f"{{% assign b{n} = a %}}" for n in range(99)),
    "replace nothing": _LONG + "{{ a | replace: '', a }}",
    "replace all": _LONG + "{{ a | replace: 'x', a }}",
    "split and join": _LIST + "{{ a | split: ',' | join: a }}",
    "split all": _LONG + "{{ a | split: '' | join: a }}",
    "numbers that double": "{% assign a = 99999 %}"
    + "{% assign a = a | times: a %}" * 40,
    "a far digit": "{{ 1 | round: -999999999 }}{{ 1.5 | round: 999999999999 }}",
    "a huge exponent": "{{ '1e999999999' | floor }}{{ 'inf' | ceil }}",
    "a huge number": "{{ " + "9" * 900 + " | plus: 1 }}",
    "a wide date": "{{ '2026-01-02' | date: '%999999999Y' }}",
    "encoded": f"{_LONG}{_THOUSAND}{{{{ a | url_encode | size }}}}{_END}",
    "sorted": f"{_LIST}{_THOUSAND}{{{{ a | split: ',' | sort_natural }}}}{_END}",
    "compared": f"{_LONG}{_THOUSAND}{{% if a contains 'yx' %}}{{% endif %}}{_END}",
    "cycles": f"{_LONG}{_THOUSAND}{{% cycle a: 'x', a %}}{_END}",
    "counters": f"{_THOUSAND * 2}{{% increment a %}}{_END * 2}",
    "deep blocks": "{% if true %}" * 200 + "{% endif %}" * 200,
    "deep paths": "{{ " + "a[" * 300 + "b" + "]" * 300 + " }}",
    "open braces": "{{" * 130_000,
    "open tags": "{%" * 130_000,
    "a wide gap": "{% else" + " " * 900 + "%}",
    "many pieces": "{{a}}" * 50_000,
    "raw": "{% raw %}" * 300,
    "a macro": "{% macro a %}{% call a %}{% endmacro %}{% call a %}",
    "itself": "{% render 'a' %}{% include 'a' %}",
    "attributes": "{{ a.__class__.__mro__ }}{{ contact['__class__'] }}{{ n.real }}",
    "much text": ("<p>xxxxxxxxxx</p>" * 28 + "{{ a | upcase }}") * 490,
}
