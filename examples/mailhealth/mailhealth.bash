# bash completion for mailhealth                                  -*- shell-script -*-
# Installed as share/bash-completion/completions/mailhealth; or: . mailhealth.bash

_mailhealth()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()

	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'reply findings --help --version' -- "$cur")
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
	reply:--rules | reply:--site-rules)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	reply:--code | reply:--status)
		return
		;;
	esac
	case $command in
	reply)
		mapfile -t COMPREPLY < <(compgen -W '--advice --verbose --json --batch --provider --mx --phase --form
			--code --status --rules --site-rules --help --version' -- "$cur")
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
