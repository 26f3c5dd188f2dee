namespace Broker.Producer.Cli.Output;

/// <summary>A question to whoever sits at the terminal.</summary>
internal static class Question
{
    /// <summary>Whether there is a terminal to ask on and to answer from.</summary>
    public static bool CanBeAsked => StandardStreams.InputIsOpen && !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Whether the answer is yes; anything else, and the end of the input, is no.</summary>
    public static async Task<bool> AskAsync(string question, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"producer: {question} [y/N] ");
        // The console's own reader takes the terminal's echo and line editing into its hands; and a read that waits does not end with a token.
        using var input = new StreamReader(Console.OpenStandardInput());
        var answer = await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
