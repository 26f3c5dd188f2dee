namespace Broker.Logging;

/// <summary>The folder in which processes leave their log files.</summary>
internal static class LogFolder
{
    /// <summary>Ten thousand short calls must not leave ten thousand files: the oldest go.</summary>
    private const int KeptFiles = 500;

    /// <summary>Makes the folder if need be and clears out old files. Null, and one line on stderr, where it cannot be written.</summary>
    public static string? Prepare(string folder)
    {
        if (folder.Length == 0 || folder == "none")
            return null;
        try
        {
            var directory = Directory.CreateDirectory(folder);
            var files = directory.GetFiles("*.ndjson");
            if (files.Length > KeptFiles)
            {
                foreach (var old in files.OrderBy(file => file.LastWriteTimeUtc).Take(files.Length - KeptFiles))
                    old.Delete();
            }

            return directory.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"log files are off: {e.Message} (set BROKER__LOGGING__DIRECTORY to a folder that can be written)");
            return null;
        }
    }
}
