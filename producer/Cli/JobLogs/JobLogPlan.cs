using Broker.Contracts;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>What the command line says of a joblog.</summary>
/// <param name="Path">The file.</param>
/// <param name="Append">Whether the lines that it has stay.</param>
/// <param name="Resumption">Which items its lines leave to run; null for all.</param>
internal sealed record JobLogPlan(string Path, bool Append, Resumption? Resumption)
{
    /// <summary>Opens the joblog to be written; reads it first where the map is resumed.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be opened, or is another file than a joblog.</exception>
    public JobLogFile Open(string kind, out Selection? selection)
    {
        var finished = Resumption is null ? null : new FinishedItems();
        var log = JobLogFile.Open(Path, kind, Append || finished is not null, finished);
        selection = Select(kind, finished);
        return log;
    }

    /// <summary>What would be run; the joblog stays as it is.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be read, or is another file than a joblog.</exception>
    public Selection? Preview(string kind)
    {
        if (Resumption is null)
            return null;
        var finished = new FinishedItems();
        try
        {
            if (File.Exists(Path))
            {
                using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
                JobLogReader.Read(file, Path, finished);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"--joblog {Path} cannot be read: {e.Message}", e);
        }

        return Select(kind, finished);
    }

    private Selection? Select(string kind, FinishedItems? finished) => Resumption is { } resumption ? new Selection(resumption, kind, finished!) : null;
}
