using Broker.Bus;
using Broker.Configuration;
using Broker.Connection;
using Broker.Contracts;

namespace Broker.CommandLine;

/// <summary>Turns whatever ended a program into one line a person can act on, and an exit code a script can.</summary>
public static class ErrorReport
{
    /// <param name="error">What ended the program.</param>
    /// <param name="program">Its name, which begins the line.</param>
    /// <param name="debug">Whether to add the stack.</param>
    public static int Write(Exception error, string program, bool debug)
    {
        var code = error switch
        {
            InvalidConfigurationException or MessageTooLargeException or ArgumentException => ExitCodes.Usage,
            BrokerUnavailableException => ExitCodes.BrokerUnavailable,
            TimeoutException => ExitCodes.DeadlinePassed,
            OperationCanceledException => ExitCodes.Interrupted,
            BrokerException => ExitCodes.Usage,
            _ => ExitCodes.Unexpected,
        };
        var message = code switch
        {
            ExitCodes.Interrupted => "interrupted",
            ExitCodes.Unexpected => $"unexpected {error.GetType().Name}: {error.Message} (--log-level debug shows where)",
            _ => error.Message,
        };
        Console.Error.WriteLine($"{program}: {message.ReplaceLineEndings(" ")}");
        if (debug)
            Console.Error.WriteLine(error);
        return code;
    }

    /// <summary>For a command line that cannot be parsed: the first thing wrong with it, and where help is.</summary>
    public static int WriteUsage(string message, string program)
    {
        Console.Error.WriteLine($"{program}: {message.TrimEnd('.')} (see {program} --help)");
        return ExitCodes.Usage;
    }
}
