using System.Diagnostics;
using Broker.Contracts;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Handlers;

/// <summary>Logs many lines.</summary>
/// <param name="Lines">Number of lines at debug, each longer than one write of the console.</param>
/// <param name="Print">Whether it also prints to standard output, directly and by a child process.</param>
public sealed record Chatty(int Lines, bool Print = false) : IJob<int>
{
    public static string Kind => KindSuffix.Of("chatty");
}

public sealed class ChattyHandler : IJobHandler<Chatty, int>
{
    private static readonly string Padding = new('x', 300);

    public async Task<int> HandleAsync(Chatty args, JobContext job)
    {
        for (var line = 1; line <= args.Lines; line++)
            job.Logger.LogDebug("line {Line} of job {Index} {Padding}", line, job.Index, Padding);
        if (args.Print)
        {
            Console.Out.WriteLine($"printed by {Environment.ProcessId}");
            using var echo = Process.Start("/bin/sh", ["-c", $"printf 'echoed by {Environment.ProcessId}\\nno end'"]);
            await echo.WaitForExitAsync(job.CancellationToken);
        }

        return Environment.ProcessId;
    }
}
