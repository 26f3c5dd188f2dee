using System.CommandLine;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Logging.Query;

namespace Broker.CommandLine;

/// <summary>Turns the error that ended a program into one line on stderr and an exit code.</summary>
public static class ErrorReport
{
    /// <param name="error">The error that ended the program.</param>
    /// <param name="program">The program's name, the prefix of the line.</param>
    /// <param name="debug">Whether to add the stack trace.</param>
    public static int Write(Exception error, string program, bool debug)
    {
        var code = error switch
        {
            OutputClosedException closed => closed.ExitCode,
            InvalidConfigurationException or MessageTooLargeException or ArgumentException => ExitCodes.Usage,
            BrokerUnavailableException or LogsUnavailableException or UnavailableException => ExitCodes.BrokerUnavailable,
            TimeoutException => ExitCodes.DeadlinePassed,
            OperationCanceledException => ExitCodes.Interrupted,
            BrokerException => ExitCodes.Usage,
            _ => ExitCodes.Unexpected,
        };
        var message = code switch
        {
            ExitCodes.Interrupted => "interrupted",
            ExitCodes.Unexpected => $"unexpected {error.GetType().Name}: {error.Message} (--log-level debug shows where)",
            ExitCodes.BrokerUnavailable when error is BrokerUnavailableException broker => MessageOf(broker),
            _ => error.Message,
        };
        // Who pipes into head expects no word of its end.
        if (code == ExitCodes.ReaderGone)
            return code;
        Console.Error.WriteLine($"{program}: {message.ReplaceLineEndings(" ")}");
        if (debug)
            Console.Error.WriteLine(error);
        return code;
    }

    /// <summary>What is wrong with the broker, and what a program's user can do about it.</summary>
    internal static string MessageOf(BrokerUnavailableException error) => error switch
    {
        { Unreachable: true } => $"{error.Message} Set BROKER_URL or --broker, or start one with ./broker up",
        { Untrusted: true } => $"{error.Message}: set BROKER_CA or --broker-ca to the PEM file of its authority",
        { CertificateMissing: true } => $"{error.Message}: set BROKER_CERT or --broker-cert, and BROKER_KEY or --broker-key, to the PEM files of one that it trusts",
        _ => error.Message,
    };

    /// <summary>For a command line that cannot be parsed: its first error, and a suggestion.</summary>
    public static int WriteUsage(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = command is RootCommand ? command.Name : $"{parsed.RootCommandResult.Command.Name} {command.Name}";
        var message = parsed.Errors[0].Message.TrimEnd('.');
        if (MissingArgument(parsed) is { } missing)
            message = $"{missing} is missing: write {HelpPage.Synopsis(command)}";
        if (parsed.UnmatchedTokens.Count > 0)
        {
            var unknown = parsed.UnmatchedTokens[0];
            var known = command.Options.Where(option => !option.Hidden).Select(option => option.Name).Concat(command.Subcommands.Select(child => child.Name));
            message = $"{(unknown.StartsWith('-') ? "unknown option" : "unknown command")} '{unknown}'";
            if (NearestName.Of(unknown, known) is { } near)
                message += $"; did you mean {near}?";
        }

        Console.Error.WriteLine($"{path}: {message} (see {path} --help)");
        return ExitCodes.Usage;
    }

    private static string? MissingArgument(ParseResult parsed) => parsed.CommandResult.Command.Arguments
        .FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is null or { Tokens.Count: 0 })?.Name;
}
