# bash completion for mailhealth                                  -*- shell-script -*-
# Installed as share/bash-completion/completions/mailhealth; or: . mailhealth.bash

_mailhealth()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()

	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'reply log bounce explain domain host zone spf tls findings --help --version' -- "$cur")
		return
	fi
	case $command:$prev in
	reply:--phase)
		mapfile -t COMPREPLY < <(compgen -W 'connect helo starttls auth mail rcpt data eod quit' -- "$cur")
		return
		;;
	reply:--form)
		mapfile -t COMPREPLY < <(compgen -W 'auto wire joined dsn fragment' -- "$cur")
		return
		;;
	reply:--provider)
		mapfile -t COMPREPLY < <(compgen -W 'google microsoft yahoo apple bt gmx t-online orange free
			laposte libero mimecast proofpoint barracuda qq netease yandex mailru comcast att' -- "$cur")
		return
		;;
	reply:--mx)
		mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
		return
		;;
	spf:--profile)
		mapfile -t COMPREPLY < <(compgen -W 'all none rfc7208 void-per-query no-void-limit rspamd-30' -- "$cur")
		return
		;;
	spf:--opinion)
		mapfile -t COMPREPLY < <(compgen -W 'libspf2' -- "$cur")
		return
		;;
	domain:--profile | host:--profile)
		mapfile -t COMPREPLY < <(compgen -W 'gmail yahoo microsoft bt' -- "$cur")
		return
		;;
	spf:--receiver | spf:--domain | *:--helo | zone:--origin)
		mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
		return
		;;
	spf:--from | *:--ip | *:--selector | domain:--https-port | *:--list-key | *:--resolver | *:--timeout | spf:--now | tls:--now | domain:--now | host:--now | zone:--now)
		return
		;;
	tls:--mode)
		mapfile -t COMPREPLY < <(compgen -W 'smtp submission implicit lmtp imap pop3 sieve' -- "$cur")
		return
		;;
	*:--ca | tls:--cert | tls:--transcript | domain:--dkim-key | *:--html | *:--zone | *:--world | *:--record | *:--resume | *:--rules | *:--site-rules)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	reply:--code | reply:--status | log:--top | log:--now | explain:--now)
		return
		;;
	log:--utc-offset | explain:--utc-offset)
		mapfile -t COMPREPLY < <(compgen -W "+0000 $(date +%z)" -- "$cur")
		return
		;;
	esac
	case $command in
	reply)
		mapfile -t COMPREPLY < <(compgen -W '--advice --verbose --json --batch --provider --mx --phase --form
			--code --status --rules --site-rules --help --version' -- "$cur")
		;;
	log | bounce | explain)
		if [[ $cur == -* ]]; then
			local options='--verbose --json --rules --site-rules --help --version'
			[ "$command" = log ] && options+=' --follow --top --unknown --batch --utc-offset --now'
			[ "$command" = bounce ] && options+=' --batch'
			[ "$command" = explain ] && options+=' --utc-offset --now --check --domain --ip --helo --selector
				--zone --overlay --world --resolver --trust-ad --timeout'
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	spf)
		mapfile -t COMPREPLY < <(compgen -W '--ip --from --helo --domain --receiver --profile --opinion --no-lint
			--verbose --json --batch --unordered --resume --resolver --trust-ad --zone --overlay --world
			--record --timeout --now --help --version' -- "$cur")
		;;
	domain)
		mapfile -t COMPREPLY < <(compgen -W '--ip --helo --selector --dkim-key --profile --html --no-lists --no-guess --no-fetch --before
			--list-key --ca --https-port --allow-private --verbose --json --batch --unordered --resume --resolver
			--trust-ad --zone --overlay --world --record --timeout --now --help --version' -- "$cur")
		;;
	host)
		mapfile -t COMPREPLY < <(compgen -W '--helo --profile --html --no-lists --list-key --verbose --json --batch
			--unordered --resume --resolver --trust-ad --zone --overlay --world --record --timeout --now
			--help --version' -- "$cur")
		;;
	zone)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--origin --verbose --json --now --help --version' -- "$cur")
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	tls)
		mapfile -t COMPREPLY < <(compgen -W '--mode --name --ca --full --inject --max-connections --min-interval --helo
			--tlsa --cert --domain --policy --https-port --allow-private --no-names --relay --go-on --at --transcript --verbose --json --batch --unordered --resume --resolver --trust-ad
			--zone --overlay --world --record --timeout --now --help --version' -- "$cur")
		;;
	findings)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--json --help --version' -- "$cur")
		else
			local ids
			ids=$("${COMP_WORDS[0]}" findings 2>/dev/null | awk '{print $3}')
			mapfile -t COMPREPLY < <(compgen -W "$ids" -- "$cur")
		fi
		;;
	esac
}
complete -F _mailhealth mailhealth
